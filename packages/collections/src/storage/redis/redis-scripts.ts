// Scripts run as a whole, and nothing else meanwhile. KEYS[1] is the hash with a storage's entries. They are sent with each call: one
// that the server is thought to know is refused after a restart, when what was sent behind it is on its way already.

/** ARGV: keys and values in turn. Gives what was there before. */
export const setScript = `
local before = {}
for i = 1, #ARGV, 2 do
  before[(i + 1) / 2] = redis.call('HGET', KEYS[1], ARGV[i])
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
return before`;

/** ARGV: keys and values in turn. Gives what was there before. */
export const insertScript = `
local before = {}
for i = 1, #ARGV, 2 do
  local taken = redis.call('HGET', KEYS[1], ARGV[i])
  if not taken then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  before[(i + 1) / 2] = taken
end
return before`;

/** ARGV: keys. Gives what was there before. */
export const deleteScript = `
local before = {}
for i = 1, #ARGV do
  before[i] = redis.call('HGET', KEYS[1], ARGV[i])
  redis.call('HDEL', KEYS[1], ARGV[i])
end
return before`;

/**
 * Makes the changes of a transaction, if what it has read is still so. KEYS[2] is the hash of the notes. ARGV: the name, the version of
 * its note (0 for none), the note to save; the size, or -1 where it was not read; the number of keys that were read, and of each its
 * key, 1 or 0 for whether it is there, and its value ('' where only its being there was read, by 2); 1 where all is cleared; and of each
 * change its key, 1 or 0 for whether it is written, and its value. Gives 1 when they were made, and 0 when something has changed.
 */
export const commitScript = `
local name, version, note, size, reads = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if (redis.call('HGET', KEYS[2], 'version:' .. name) or '0') ~= version then return 0 end
if size >= 0 and redis.call('HLEN', KEYS[1]) ~= size then return 0 end
local at = 6
for _ = 1, reads do
  local key, is, value = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  at = at + 3
  if is == '2' then
    if redis.call('HEXISTS', KEYS[1], key) == 0 then return 0 end
  else
    local found = redis.call('HGET', KEYS[1], key)
    if is == '1' and found ~= value or is == '0' and found then return 0 end
  end
end
redis.call('HSET', KEYS[2], 'note:' .. name, note)
redis.call('HINCRBY', KEYS[2], 'version:' .. name, 1)
if ARGV[at] == '1' then redis.call('UNLINK', KEYS[1]) end
for i = at + 1, #ARGV, 3 do
  if ARGV[i + 1] == '1' then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
  else redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1`;
