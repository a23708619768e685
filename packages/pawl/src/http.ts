/** The door `pawl/http`: an engine for those who come by HTTP. */
export { serve, type Served, type ServeOptions } from './http/index.ts';
