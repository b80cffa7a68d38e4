import { StateError, StoreError } from '../errors.ts'

// Where `ensure()` stops, and says why.

export const missing = (): StateError =>
  new StateError(
    'missing',
    'A registration was expected and the store holds none, so nothing was registered. Restore the store, recover() the client, or drop expectExisting.',
  )

export const deleted = (): StateError =>
  new StateError('deleted', 'This registration was deleted on purpose. forget() starts over.')

export const unheardOf = (): StoreError =>
  new StoreError('store-corrupt', 'The stored record is in a state that there is not. Restore it.')
