// Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can throw.
//
//     npm install koffi && node client.js
const koffi = require('koffi');

const libpi = koffi.load('libpi.so.1');
koffi.proto('int32_t Kernel(void *context, uint64_t first, uint64_t count, _Out_ uint64_t *hits)');
const libpiHits = libpi.func(
  'int32_t libpi_hits(int32_t, uint64_t, uint64_t, uint64_t, int32_t, _Out_ uint64_t *)');
const libpiDrive = libpi.func(
  'int32_t libpi_drive_context(const char *, Kernel *, void *, uint64_t, uint64_t, uint64_t, ' +
  'int32_t, _Out_ uint64_t *)');
const lastError = libpi.func('const char *libpi_last_error()');
const lastKernelError = libpi.func('int32_t libpi_last_kernel_error()');
const [PHILOX, NPB, KERNEL_FAILED, FAILED] = [1, 2, 15, 42];

// Throws what libpi says about a status. The message belongs to the thread, so calls are synchronous.
function check(status) {
  if (status !== 0) throw new Error(`error ${status}: ${lastError()}`);
}

function count(first, number, forbidden) {
  let hits = 0;
  for (let index = first; index < first + number; index++) {
    if (index === forbidden) throw new RangeError(`index ${index} is forbidden`);
    if (index % 7 === 0) hits++;
  }
  return hits;
}

// Counts the multiples of 7 among the first million numbers. JavaScript has one thread, so the driver
// is serial. No exception may pass through libpi.
function drive(forbidden) {
  let thrown = null;
  const hits = [0];
  const kernel = (context, first, number, result) => {
    try {
      koffi.encode(result, 'uint64_t', count(Number(first), Number(number), forbidden));
      return 0;
    } catch (error) {
      thrown = error;
      return FAILED;
    }
  };
  const status = libpiDrive('serial', kernel, null, 0, 1000000, 0, 1, hits);
  if (status === KERNEL_FAILED)
    throw new Error(`error ${status}, kernel's ${lastKernelError()}: ${thrown.message}`);
  check(status);
  console.log(`${hits[0]} of 1000000 numbers are multiples of 7`);
}

function attempt(action) {
  try {
    action();
  } catch (error) {
    console.log(error.message);
  }
}

const hits = [0];
check(libpiHits(PHILOX, 42, 0, 1000000, 0, hits));
console.log(`${hits[0]} of 1000000 samples are hits`);
attempt(() => check(libpiHits(NPB, 42, 0, 1000000, 0, hits))); // NPB's seeds are odd.
attempt(() => drive(1000000));
attempt(() => drive(500000));
