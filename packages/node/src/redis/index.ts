export type { IoRedisClient, NodeRedisClient, RedisClient } from './client.ts'
export { redisStore } from './redis-store.ts'
export type { RedisStore, RedisStoreOptions } from './redis-store.ts'
