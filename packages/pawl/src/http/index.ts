/** The door by HTTP. */
export { serve, type Served, type ServeOptions } from './serve.ts';
