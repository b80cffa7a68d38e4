// What is taken from jose to make keys, apart from what signs with them.
export { generateKeyPair } from 'jose/key/generate/keypair'
