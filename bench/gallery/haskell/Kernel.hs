{-# LANGUAGE BangPatterns #-}
{-# LANGUAGE ForeignFunctionInterface #-}

-- | Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
-- [first, first + count). The library starts Haskell's runtime when it is loaded: see start.c.
--
-- > ghc -c -fPIC start.c
-- > ghc -O2 -threaded -dynamic -shared -flink-rts -fPIC Kernel.hs start.o -o kernel.so
module Kernel (philox) where

import Data.Bits (shiftL, shiftR, xor, (.&.))
import Data.Int (Int32, Int64)
import Data.Word (Word64)

foreign export ccall philox :: Word64 -> Word64 -> Word64 -> IO Word64

data Block = Block !Word64 !Word64 !Word64 !Word64

low :: Word64 -> Word64
low word = word .&. 0xFFFFFFFF
{-# INLINE low #-}

-- | The four words of a block: two samples. Words of 32 bits lie in machine words of 64 bits.
block :: Word64 -> Word64 -> Block
block !seed !index = go (10 :: Int) (low seed) (shiftR seed 32) (low index) (shiftR index 32) 0 0
  where
    go !rounds !k0 !k1 !c0 !c1 !c2 !c3
      | rounds == 0 = Block c0 c1 c2 c3
      | otherwise =
          let product0 = c0 * 0xD2511F53
              product1 = c2 * 0xCD9E8D57
           in go
                (rounds - 1)
                (low (k0 + 0x9E3779B9))
                (low (k1 + 0xBB67AE85))
                (shiftR product1 32 `xor` c1 `xor` k0)
                (low product1)
                (shiftR product0 32 `xor` c3 `xor` k1)
                (low product0)
{-# INLINE block #-}

-- | 1 if x^2 + y^2 >= 2^62, else 0: adding 2^62 carries a miss into the top bit.
miss :: Word64 -> Word64 -> Word64
miss x y = shiftR (square x + square y + shiftL 1 62) 63
  where
    square word = let n = fromIntegral (fromIntegral word :: Int32) :: Int64 in fromIntegral (n * n)
{-# INLINE miss #-}

first, second :: Block -> Word64
first (Block c0 c1 _ _) = miss c0 c1
second (Block _ _ c2 c3) = miss c2 c3

-- | Counts from the start of a block: the last sample may be the first one of its block.
blocks :: Word64 -> Word64 -> Word64 -> Word64 -> Word64
blocks !seed !index !count !hits
  | count == 0 = hits
  | count == 1 = hits - first (block seed index)
  | otherwise = let b = block seed index in blocks seed (index + 1) (count - 2) (hits - first b - second b)

philox :: Word64 -> Word64 -> Word64 -> IO Word64
philox seed start count
  | count > 0 && odd start =
      pure (blocks seed (shiftR start 1 + 1) (count - 1) (count - second (block seed (shiftR start 1))))
  | otherwise = pure (blocks seed (shiftR start 1) count count)
