export { kubernetesStore } from './kubernetes-store.ts'
export type { KubernetesStore, KubernetesStoreOptions } from './kubernetes-store.ts'
