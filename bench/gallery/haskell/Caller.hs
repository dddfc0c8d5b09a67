{-# LANGUAGE BangPatterns, CApiFFI #-}

-- | Calls from Haskell: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
-- A safe call lets other threads of Haskell run meanwhile; an unsafe one stops them.
module Main (main) where

import Control.Monad (forM_, when)
import Data.Bits (xor)
import Data.Int (Int32)
import Data.Word (Word64)
import Foreign (Ptr, alloca, peek, poke)
import Foreign.C (CInt (..), CString, withCString)
import GHC.Clock (getMonotonicTimeNSec)
import System.Environment (getArgs)
import Text.Printf (printf)

type Call = Word64 -> Word64 -> Word64 -> IO Word64

foreign import ccall safe "libpi_callee_c" calleeSafe :: Call
foreign import ccall unsafe "libpi_callee_c" calleeUnsafe :: Call
foreign import ccall safe "libpi_hits_with" hitsWith
  :: CString -> CString -> Int32 -> Word64 -> Word64 -> Word64 -> CInt -> Ptr Word64 -> IO Int32

philox, ok :: Int32
philox = 1
ok = 0

-- | Calls with the answer of the last call and the number of this one.
calls :: Call -> Call
calls callee = \seed first count ->
  let go !answer !i
        | i == count = pure answer
        | otherwise = callee answer (first + i) 1 >>= \next -> go next (i + 1)
   in go seed 0
{-# INLINE calls #-}

withoutCall, shared, unsafe, checked :: Call
withoutCall = calls (\seed first count -> pure (((3 * seed) `xor` first) - count))
shared = calls calleeSafe
unsafe = calls calleeUnsafe
checked seed first count =
  withCString "c" $ \kernel -> withCString "serial" $ \driver -> alloca $ \hits -> do
    let go !answered !i
          | i == count = pure answered
          | otherwise = do
              poke hits 1
              status <- hitsWith kernel driver philox seed (first + i) 0 1 hits
              found <- peek hits
              go (if status == ok && found == 0 then answered + 1 else answered) (i + 1)
    go 0 (0 :: Word64)

main :: IO ()
main = do
  how : numbers <- getArgs
  let loops = [("floor", withoutCall), ("shared", shared), ("unsafe", unsafe), ("checked", checked)]
      Just loop = lookup how loops
      [seed, first, count, warmup, runs] = map read numbers
  forM_ [1 .. warmup + runs] $ \run -> do
    start <- getMonotonicTimeNSec
    !answer <- loop seed first count
    end <- getMonotonicTimeNSec
    when (run > warmup) $
      printf "run %.9f %d\n" (fromIntegral (end - start) * 1e-9 :: Double) answer
