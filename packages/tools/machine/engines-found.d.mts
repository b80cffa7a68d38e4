export const engines: readonly { name: string; debian: string; path: string | undefined }[]
