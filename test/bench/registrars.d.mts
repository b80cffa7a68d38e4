/** What everybody is told of the server. */
export type BenchMetadata = {
  issuer: string
  registration_endpoint: string
}

export const registrars: Readonly<
  Record<string, (server: BenchMetadata) => Promise<() => Promise<{ client_id: string }>>>
>
