-- Requests the addresses in a file, in order, again and again. Arguments: the file and, optionally, an ETag to send.
local paths, number, tag = {}, 0, nil

function init(arguments)
  for line in io.lines(arguments[1]) do paths[#paths + 1] = line end
  tag = arguments[2]
end

function request()
  number = number + 1
  local headers = {}
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
