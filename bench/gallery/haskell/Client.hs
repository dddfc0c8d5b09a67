{-# LANGUAGE ForeignFunctionInterface #-}

-- | Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can fail.
--
-- > ghc -threaded Client.hs -lpi -o client
module Main (main) where

import Control.Exception
import Control.Monad (forM_, when)
import Data.Int (Int32)
import Data.Word (Word64)
import Foreign
import Foreign.C.String (CString, peekCString, withCString)

-- The part of libpi.h that is used here. A safe call lets other threads of Haskell run, and lets libpi
-- call back.
type Kernel = Ptr () -> Word64 -> Word64 -> Ptr Word64 -> IO Int32

foreign import ccall safe "libpi_hits" libpiHits
  :: Int32 -> Word64 -> Word64 -> Word64 -> Int32 -> Ptr Word64 -> IO Int32

foreign import ccall safe "libpi_drive_context" libpiDrive
  :: CString -> FunPtr Kernel -> Ptr () -> Word64 -> Word64 -> Word64 -> Int32 -> Ptr Word64 -> IO Int32

foreign import ccall unsafe "libpi_last_error" lastError :: IO CString

foreign import ccall unsafe "libpi_last_kernel_error" lastKernelError :: IO Int32

foreign import ccall "wrapper" wrap :: Kernel -> IO (FunPtr Kernel)

newtype LibpiError = LibpiError String

instance Show LibpiError where show (LibpiError message) = message

instance Exception LibpiError

-- | Makes a call, and throws what libpi says about its status. `main` is a bound thread, so both calls
-- are made by the same thread of the system; in forkIO's threads use runInBoundThread.
check :: (Ptr Word64 -> IO Int32) -> IO Word64
check call = alloca $ \hits -> do
  status <- call hits
  when (status == 15) $ do
    number <- lastKernelError
    throwIO (LibpiError ("error 15, kernel's " ++ show number ++ ": index 500000 is forbidden"))
  when (status /= 0) $ do
    message <- lastError >>= peekCString
    throwIO (LibpiError ("error " ++ show status ++ ": " ++ message))
  peek hits

-- | Counts multiples of 7, unless an index is forbidden. No exception may pass through libpi.
multiples :: Word64 -> Kernel
multiples forbidden _ first count hits = handle failed $ do
  found <- evaluate (go first 0)
  poke hits found
  pure 0
  where
    failed (ErrorCall _) = pure 42
    go i found
      | i - first == count = found
      | i == forbidden = throw (ErrorCall "forbidden")
      | otherwise = let more = if i `mod` 7 == 0 then found + 1 else found in more `seq` go (i + 1) more

-- | Counts the multiples of 7 among the first million numbers, on two threads.
drive :: Word64 -> IO ()
drive forbidden = bracket (wrap (multiples forbidden)) freeHaskellFunPtr $ \kernel -> do
  hits <- withCString "threads" $ \name -> check (libpiDrive name kernel nullPtr 0 1000000 0 2)
  putStrLn (show hits ++ " of 1000000 numbers are multiples of 7")

main :: IO ()
main = do
  hits <- check (libpiHits 1 42 0 1000000 0) -- LIBPI_PHILOX
  putStrLn (show hits ++ " of 1000000 samples are hits")
  forM_ [() <$ check (libpiHits 2 42 0 1000000 0), drive 1000000, drive 500000] $ \attempt ->
    attempt `catch` \failure -> print (failure :: LibpiError) -- LIBPI_NPB: its seeds are odd.
