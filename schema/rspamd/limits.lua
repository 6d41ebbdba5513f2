-- How much who may send: the limits are in limits.map, which Rspamd reads again when it changes. The name of a login has to be the address, as the files of
-- "mailctl config dovecot" have it.

local limits = rspamd_config:add_map({
  url = '@CONF_DIR@/limits.map',
  type = 'map',
  description = 'how much who may send (mailctl)',
})
local seconds = {s = 1, m = 60, h = 3600, d = 86400}

-- In the map "#", blanks and quotes would mean something.
local function key_of(user)
  return (string.gsub(user, '[^%w@._-]', function(c) return string.format('=%02x', string.byte(c)) end))
end

-- "200/1h,1000/1d", "none" or nothing: his own, or that of his domain.
local function limits_of(user)
  return limits:get_key(key_of(user)) or limits:get_key(string.match(user, '@[^@]*$') or '@')
end

local function nth(n, text)
  for number, period, unit in string.gmatch(text, '(%d+)/(%d+)([smhd])') do
    n = n - 1
    if n == 0 then
      return tonumber(number), tonumber(period) * seconds[unit], period .. unit
    end
  end
end

-- What ratelimit asks of each message: the name of a bucket, and the bucket.
local function bucket_of(n)
  return function(task)
    local user = string.lower(task:get_user() or '')
    local text = user ~= '' and limits_of(user)
    if not text then return end
    local most, period, word = nth(n, text)
    if not most then return end
    local message = string.format('This account has reached its limit of %d recipients in %s, try again later', most, word)
    -- Into an empty bucket ratelimit lets any number.
    local _, recipients = task:has_recipients('smtp')
    if recipients and recipients > most then
      task:set_pre_result('soft reject', message, 'ratelimit')
    end
    return string.format('mailctl:%s:%d/%d', user, most, period), {burst = most, rate = most / period, message = message}
  end
end

local keywords = {}
for n = 1, 8 do keywords['mailctl_' .. n] = bucket_of(n) end
return keywords
