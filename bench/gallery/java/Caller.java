/**
 * Calls from Java: Caller FOLDER HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
 * A native method is declared here and defined in caller.c, by the rules of the Java Native Interface.
 */
public final class Caller {
    private static final int PHILOX = 1;
    private static final int OK = 0;

    private interface Loop {
        long run(long seed, long first, long count);
    }

    private static native long callee(long seed, long first, long count);

    /** The hits go into the first element of the array. */
    private static native int hitsWith(String kernel, String driver, int generator, long seed,
            long first, long count, int threads, long[] hits);

    private static long withoutCall(long seed, long first, long count) {
        long answer = seed;
        for (long i = 0; i < count; i++) {
            answer = ((3 * answer) ^ (first + i)) - 1;
        }
        return answer;
    }

    private static long shared(long seed, long first, long count) {
        long answer = seed;
        for (long i = 0; i < count; i++) {
            answer = callee(answer, first + i, 1);
        }
        return answer;
    }

    private static long checked(long seed, long first, long count) {
        long answered = 0;
        long[] hits = new long[1];
        for (long i = 0; i < count; i++) {
            hits[0] = 1;
            int status = hitsWith("c", "serial", PHILOX, seed, first + i, 0, 1, hits);
            if (status == OK && hits[0] == 0) {
                answered++;
            }
        }
        return answered;
    }

    private static Loop loop(String how) {
        switch (how) {
            case "floor":
                return Caller::withoutCall;
            case "shared":
                return Caller::shared;
            case "checked":
                return Caller::checked;
            default:
                throw new IllegalArgumentException(how);
        }
    }

    public static void main(String[] words) {
        System.load(words[0] + "/libcaller.so");
        Loop loop = loop(words[1]);
        long seed = Long.parseUnsignedLong(words[2]);
        long first = Long.parseUnsignedLong(words[3]);
        long count = Long.parseLong(words[4]);
        int warmup = Integer.parseInt(words[5]);
        int runs = Integer.parseInt(words[6]);
        for (int run = -warmup; run < runs; run++) {
            long start = System.nanoTime();
            long answer = loop.run(seed, first, count);
            double seconds = (System.nanoTime() - start) * 1e-9;
            if (run >= 0) {
                System.out.println(
                        "run " + String.format(java.util.Locale.ROOT, "%.9f", seconds) + " "
                                + Long.toUnsignedString(answer));
            }
        }
    }
}
