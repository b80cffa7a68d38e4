/** The metadata of the server that each library is given. */
export type BenchMetadata = {
  issuer: string
  registration_endpoint: string
}

export const registrars: Readonly<
  Record<string, (server: BenchMetadata) => Promise<() => Promise<{ client_id: string }>>>
>
