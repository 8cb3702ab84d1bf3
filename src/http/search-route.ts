import type { FastifyInstance } from 'fastify'
import { HandleError } from '../errors.ts'
import { searchRouteSchema } from './schemas.ts'

/**
 * `/hrls/handles`, where pyhandle's `search_handle` looks for handles by their values: a servlet beside the reference
 * server answers there, from an index of every value that this node does not keep. Without this route the path would
 * read as a handle and the client be told that the handle "hrls/handles" is absent.
 */
export function registerSearchRoute(routes: FastifyInstance): void {
  routes.get('/hrls/handles', { schema: searchRouteSchema }, () => {
    throw new HandleError(
      'NOT_SUPPORTED',
      'this node does not search by value; GET /api/handles?prefix=… lists handles, GET /api/registrations?prefix=… whole records',
    )
  })
}
