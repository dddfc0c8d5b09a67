-- Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can fail.
--
--     luajit client.lua
local ffi = require("ffi")

ffi.cdef([[
  typedef int32_t (*libpi_context_kernel)(void *, uint64_t first, uint64_t count, uint64_t *hits);
  int32_t libpi_hits(int32_t generator, uint64_t seed, uint64_t first, uint64_t count,
                     int32_t threads, uint64_t *hits);
  int32_t libpi_drive_context(const char *driver, libpi_context_kernel, void *context,
                              uint64_t first, uint64_t count, uint64_t block, int32_t threads,
                              uint64_t *hits);
  const char *libpi_last_error(void);
  int32_t libpi_last_kernel_error(void);
]])
local libpi = ffi.load("libpi.so.1")
local PHILOX, NPB, KERNEL_FAILED, FAILED = 1, 2, 15, 42
local hits = ffi.new("uint64_t[1]")

-- Raises what libpi says about a status.
local function check(status)
  if status ~= 0 then
    error(("error %d: %s"):format(status, ffi.string(libpi.libpi_last_error())), 0)
  end
end

-- Prints the hits, without the suffix that LuaJIT gives to numbers of 64 bits.
local function show(what)
  print((tostring(hits[0]):gsub("ULL", "")) .. " of 1000000 " .. what)
end

-- Counts the multiples of 7 among the first million numbers. LuaJIT has one thread, so the driver is
-- serial. An error must not pass through libpi: pcall catches it.
local function drive(forbidden)
  local message
  local function count(first, number)
    local found = 0
    for index = tonumber(first), tonumber(first + number) - 1 do
      if index == forbidden then
        error("index " .. index .. " is forbidden", 0)
      end
      found = found + (index % 7 == 0 and 1 or 0)
    end
    return found
  end
  local kernel = ffi.cast("libpi_context_kernel", function(_, first, number, result)
    local ok, answer = pcall(count, first, number)
    if not ok then
      message = answer
      return FAILED
    end
    result[0] = answer
    return 0
  end)
  local status = libpi.libpi_drive_context("serial", kernel, nil, 0, 1000000, 0, 1, hits)
  kernel:free() -- LuaJIT has few places for callbacks.
  if status == KERNEL_FAILED then
    local number = libpi.libpi_last_kernel_error()
    error(("error %d, kernel's %d: %s"):format(status, number, message), 0)
  end
  check(status)
  show("numbers are multiples of 7")
end

check(libpi.libpi_hits(PHILOX, 42, 0, 1000000, 0, hits))
show("samples are hits")
for _, attempt in ipairs({
  function() check(libpi.libpi_hits(NPB, 42, 0, 1000000, 0, hits)) end, -- NPB's seeds are odd.
  function() drive(1000000) end,
  function() drive(500000) end,
}) do
  local ok, message = pcall(attempt)
  if not ok then
    print(message)
  end
end
