/** What any script of the page can find out about a key that the store keeps. */
export interface SeenKey {
  extractable: boolean
  usages: readonly string[]
  /** What came of exporting it, in each format. */
  exported: string[]
  /** The texts of all records. */
  records: string[]
}

/** Looks at a key, and at the records beside it, as an injected script does: in the database, past the library. */
export async function lookAtKey(kid: string): Promise<SeenKey> {
  const opened = await settled(indexedDB.open('registrant'))
  const transaction = opened.transaction(['keys', 'records'])
  const [pair, records] = await Promise.all([
    settled<CryptoKeyPair>(transaction.objectStore('keys').get(kid)),
    settled<{ value: string }[]>(transaction.objectStore('records').getAll()),
  ])
  opened.close()
  const { privateKey } = pair
  const exported = (['jwk', 'pkcs8'] as const).map((format) =>
    crypto.subtle.exportKey(format, privateKey).then(
      () => 'exported',
      ({ name }: Error) => name,
    ),
  )
  return {
    extractable: privateKey.extractable,
    usages: privateKey.usages,
    exported: await Promise.all(exported),
    records: records.map(({ value }) => value),
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(new Error(request.error?.name)))
  })
