-- Calls from LuaJIT: caller.lua FOLDER HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
local ffi = require("ffi")

ffi.cdef([[
uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);
int32_t libpi_hits_with(const char *kernel, const char *driver, int32_t generator, uint64_t seed,
                        uint64_t first, uint64_t count, int threads, uint64_t *hits);
typedef struct { long seconds, nanoseconds; } instant;
int clock_gettime(int clock, instant *now);
unsigned long long strtoull(const char *text, char **end, int base);
]])

local PHILOX, OK, MONOTONIC = 1, 0, 1
local folder, how, seed, first, count, warmup, runs = unpack(arg)
local callees = ffi.load(folder .. "/libcallee.so")
local libpi = ffi.load(folder .. "/libpi.so.1")

local function number(text)
    return ffi.C.strtoull(text, nil, 10)
end

local loops = {}

function loops.floor(seed, first, count)
    local answer = seed
    for i = 0, count - 1 do
        answer = bit.bxor(3ULL * answer, first + i) - 1ULL
    end
    return answer
end

function loops.shared(seed, first, count)
    local answer = seed
    for i = 0, count - 1 do
        answer = callees.libpi_callee_c(answer, first + i, 1)
    end
    return answer
end

function loops.checked(seed, first, count)
    local answered, hits = 0ULL, ffi.new("uint64_t[1]")
    for i = 0, count - 1 do
        hits[0] = 1
        local status = libpi.libpi_hits_with("c", "serial", PHILOX, seed, first + i, 0, 1, hits)
        if status == OK and hits[0] == 0 then
            answered = answered + 1
        end
    end
    return answered
end

local function now()
    local time = ffi.new("instant")
    ffi.C.clock_gettime(MONOTONIC, time)
    return tonumber(time.seconds) + tonumber(time.nanoseconds) * 1e-9
end

local loop = assert(loops[how], "there is no way " .. how)
seed, first, count = number(seed), number(first), tonumber(count)
for run = 1, warmup + runs do
    local start = now()
    local answer = loop(seed, first, count)
    local seconds = now() - start
    if run > tonumber(warmup) then
        print(string.format("run %.9f %s", seconds, (tostring(answer):gsub("ULL", ""))))
    end
end
