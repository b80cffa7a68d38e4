// What is loaded when the client need not be one that is registered.
export { chosenRoute, routeOf } from './chosen-route.ts'
export { notRegistered, reportUnregistered, takeRoute } from './unregistered.ts'
