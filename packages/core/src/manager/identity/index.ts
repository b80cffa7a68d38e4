// What is loaded when the client need not be one that is registered.
export { sharedHere } from './adopt.ts'
export { chosenRoute, routeOf } from './chosen-route.ts'
export { notRegistered, reportUnregistered, takeRoute } from './unregistered.ts'
