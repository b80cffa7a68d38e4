import { scriptOf } from './client.ts'
import type { Script } from './client.ts'

/**
 * Version and value of a key: an empty version where there is nothing, and no value where the key is no hash of ours. What can't
 * be read has a version too, made of its content, so that a save replaces nothing else.
 */
const current = `local function current()
  local kind = redis.call('TYPE', KEYS[1]).ok
  if kind == 'none' then return '' end
  if kind == 'hash' then
    local found = redis.call('HMGET', KEYS[1], 'version', 'value')
    if found[1] and found[2] then return found[1], found[2] end
  end
  return 'unreadable-' .. redis.sha1hex(redis.call('DUMP', KEYS[1]))
end
`

/** Loads a key. On a replica, whose reads lag, it says only that. */
export const loadScript: Script = scriptOf(`${current}
local node = redis.pcall('INFO', 'replication')
if type(node) == 'string' and string.find(node, 'role:slave', 1, true) then return { 'replica' } end
local version, value = current()
if value then return { 'found', version, value } end
return { version == '' and 'absent' or 'unreadable', version }
`)

/**
 * Saves over one version. A client that sends a command again after its connection broke finds its own version there. Where
 * somebody set a time to live, it is taken off before anything is written.
 */
export const saveScript: Script = scriptOf(`${current}
local version, value = current()
if version == ARGV[3] then return 1 end
if version ~= ARGV[1] then return 0 end
redis.call('PERSIST', KEYS[1])
if version ~= '' and not value then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'value', ARGV[2])
redis.pcall('PUBLISH', ARGV[4], ARGV[5])
return 1
`)

export const publishScript: Script = scriptOf(`return redis.call('PUBLISH', ARGV[1], ARGV[2])`)

export const infoScript: Script = scriptOf(`local told = ''
for _, section in ipairs({ 'persistence', 'memory', 'replication' }) do
  told = told .. redis.call('INFO', section) .. '\\r\\n'
end
return told
`)
