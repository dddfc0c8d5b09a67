/** Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can throw.
 *
 *  javac -h . Client.java && cc -shared -fPIC client.c -lpi -o libclient.so (with -I for jni.h)
 *  java -Djava.library.path=. Client
 */
public final class Client {
    /** What libpi says about a status. The glue in client.c throws it. */
    static final class LibpiException extends Exception {
        LibpiException(String message) {
            super(message);
        }
    }

    /** A kernel: libpi calls it on its own threads, several at once. */
    @FunctionalInterface
    interface Kernel {
        long count(long first, long count);
    }

    private static final int PHILOX = 1;
    private static final int NPB = 2;
    private static final long SAMPLES = 1_000_000;

    static native long hits(int generator, long seed, long first, long count, int threads)
            throws LibpiException;

    /** Drives a kernel. An exception of the kernel comes back as the cause of the LibpiException. */
    static native long drive(String driver, Kernel kernel, long first, long count, int threads)
            throws LibpiException;

    private interface Attempt {
        void run() throws LibpiException;
    }

    private static void attempt(Attempt action) {
        try {
            action.run();
        } catch (LibpiException error) {
            Throwable cause = error.getCause();
            System.out.println(error.getMessage() + (cause == null ? "" : ": " + cause.getMessage()));
        }
    }

    /** Counts the multiples of 7 among the first million numbers, on two threads. */
    private static void drive(long forbidden) throws LibpiException {
        Kernel multiples = (first, count) -> {
            long hits = 0;
            for (long index = first; index < first + count; index++) {
                if (index == forbidden) {
                    throw new IllegalArgumentException("index " + index + " is forbidden");
                }
                hits += index % 7 == 0 ? 1 : 0;
            }
            return hits;
        };
        long hits = drive("threads", multiples, 0, SAMPLES, 2);
        System.out.println(hits + " of 1000000 numbers are multiples of 7");
    }

    public static void main(String[] arguments) throws LibpiException {
        System.loadLibrary("client");
        System.out.println(hits(PHILOX, 42, 0, SAMPLES, 0) + " of 1000000 samples are hits");
        attempt(() -> hits(NPB, 42, 0, SAMPLES, 0)); // NPB's seeds are odd.
        attempt(() -> drive(SAMPLES));
        attempt(() -> drive(500_000));
    }
}
