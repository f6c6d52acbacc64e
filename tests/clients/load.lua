-- For wrk: the addresses of a file, over and over, each with a key or without; in the end, how many answers were no success.
--
--   wrk -s load.lua URL -- FILE          lines of FILE: PATH, or PATH and KEY

local requests = {}
local next_one = 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, key = line:match("^(%S+)%s*(%S*)$")
    local headers = { ["Accept-Encoding"] = "gzip" }
    if key ~= "" then headers["X-API-Key"] = key end
    table.insert(requests, wrk.format("GET", path, headers))
  end
  math.randomseed(os.time())
  next_one = math.random(#requests)
  failed, told = 0, ""
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function response(status, headers, body)
  if status ~= 200 and status ~= 204 then
    failed = failed + 1
    told = status .. " " .. body:sub(1, 200):gsub("%c", " ")
  end
end

function done(summary, latency, _)
  local failed, told = 0, ""
  for _, thread in ipairs(threads) do
    failed = failed + thread:get("failed")
    if thread:get("told") ~= "" then told = thread:get("told") end
  end
  local e = summary.errors
  io.write(string.format("load: %d requests, %.0f a second, %d failed, %d broken, %.0f ms at most%s\n", summary.requests,
    summary.requests / summary.duration * 1e6, failed, e.connect + e.read + e.write + e.timeout, latency.max / 1000,
    told ~= "" and (", as " .. told) or ""))
end
