// Serves the pages that are built, until it is stopped.
import { serve } from './server.ts'

const { url } = await serve(Number(process.env['PORT'] ?? 4173))
console.log(`The docs are at ${url}`)
