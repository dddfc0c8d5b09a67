// Calls from Node with koffi: caller.js FOLDER HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See
// GUESTS.md. The floor keeps the number of the call, as in Python: numbers of 64 bits are objects.
"use strict";
const koffi = require("koffi");

const [folder, how, seed, first, count, warmup, runs] = process.argv.slice(2);
const PHILOX = 1;
const OK = 0;

const callee = koffi
    .load(`${folder}/libcallee.so`)
    .func("uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count)");
const hitsWith = koffi
    .load(`${folder}/libpi.so.1`)
    .func(
        "int32_t libpi_hits_with(const char *kernel, const char *driver, int32_t generator, uint64_t seed, " +
            "uint64_t first, uint64_t count, int threads, _Out_ uint64_t *hits)",
    );

const loops = {
    floor(seed, first, count) {
        let answer = seed;
        for (let i = 0n; i < count; i++) answer = first + i;
        return answer;
    },
    shared(seed, first, count) {
        let answer = seed;
        for (let i = 0n; i < count; i++) answer = callee(answer, first + i, 1);
        return answer;
    },
    checked(seed, first, count) {
        let answered = 0;
        const hits = [1];
        for (let i = 0n; i < count; i++) {
            hits[0] = 1;
            const status = hitsWith("c", "serial", PHILOX, seed, first + i, 0, 1, hits);
            if (status === OK && hits[0] === 0) answered++;
        }
        return answered;
    },
};

for (let run = -Number(warmup); run < Number(runs); run++) {
    const start = process.hrtime.bigint();
    const answer = loops[how](BigInt(seed), BigInt(first), BigInt(count));
    const seconds = Number(process.hrtime.bigint() - start) * 1e-9;
    if (run >= 0) console.log(`run ${seconds.toFixed(9)} ${answer}`);
}
