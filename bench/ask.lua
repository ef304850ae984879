-- Asks for the addresses of a file, one after the other. Arguments: the file; `anew` to make each request one that no
-- store has seen; and, where a client is to have a copy already, its tag.
local paths, number, anew, tag = {}, 0, false, nil

function init(arguments)
  for line in io.lines(arguments[1]) do paths[#paths + 1] = line end
  anew, tag = arguments[2] == "anew", arguments[3]
end

function request()
  number = number + 1
  local headers = {}
  if anew then headers["Accept"] = "application/json, application/x-" .. number .. "-" .. os.time() end
  if tag then headers["If-None-Match"] = tag end
  return wrk.format("GET", paths[(number - 1) % #paths + 1], headers)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT %d %d %f %d\n", summary.requests, summary.duration, latency:percentile(50),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
