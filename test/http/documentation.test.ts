import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageVersion } from '../../src/support/package-version.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

type Media = { readonly schema?: object }
type Operation = {
  readonly summary?: string
  readonly operationId?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: object
  }[]
  readonly requestBody?: { readonly content: Record<string, Media> }
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, Media> }
  >
  readonly security?: readonly Record<string, readonly string[]>[]
}
type Document = {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly components: { readonly securitySchemes: Record<string, object> }
  readonly paths: Record<string, Record<string, Operation>>
}

const routes: { readonly method: string; readonly url: string }[] = []
let node: MemoryNode
let document: Document
let operations: (readonly [name: string, operation: Operation])[]

beforeAll(async () => {
  subscribe('fastify.initialization', followRoutes)
  node = await startMemoryNode()
  unsubscribe('fastify.initialization', followRoutes)
  document = (await node.ask('/openapi.json')).json() as Document
  operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  )
})
afterAll(() => node[Symbol.asyncDispose]())

describe('the OpenAPI document', () => {
  test('describes every route of the node, and no other', () => {
    const served = routes
      .filter(({ method, url }) => method !== 'HEAD' && !isPage(url))
      .map(({ method, url }) => `${method} ${url.replace('*', '{handle}').replace(/:(\w+)/g, '{$1}')}`)
    expect(served.length).toBeGreaterThan(10)
    expect(operations.map(([name]) => name).sort()).toEqual(served.sort())
  })

  test('leaves out HEAD alone, which goes wherever GET does', () => {
    const urls = (wanted: string) =>
      routes.filter(({ method, url }) => method === wanted && !isPage(url)).map(({ url }) => url)
    expect(urls('HEAD').sort()).toEqual(urls('GET').sort())
  })

  test('is OpenAPI 3 of this version', () => {
    expect(document.openapi).toMatch(/^3\.\d+\.\d+$/)
    expect(document.info.title).not.toBe('')
    expect(document.info.version).toBe(packageVersion())
    const ids = operations.flatMap(([, { operationId }]) => operationId ?? [])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('is valid by the schema of the OpenAPI Initiative', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    const broken = { ...document, info: {} }
    expect((await new Validator().validate(broken)).valid).toBe(false)
  })

  test('says of every operation what it is for and what it answers', () => {
    for (const [name, { summary, responses }] of operations) {
      expect(summary, name).toMatch(/\w/)
      expect(Object.keys(responses).length, name).toBeGreaterThan(0)
      for (const [status, response] of Object.entries(responses)) {
        expect(status, name).toMatch(/^[1-5]\d\d$/)
        expect(response.description, `${name} ${status}`).not.toMatch(/^(Default Response)?$/)
        for (const [type, media] of Object.entries(response.content ?? {})) {
          expect(type, name).toMatch(/^[\w.+-]+\/[\w.+-]+$/)
          expect(media.schema, `${name} ${status}`).toBeTypeOf('object')
        }
      }
    }
  })

  test('declares each parameter once, with a meaning, and those in the path as required', () => {
    for (const [name, { parameters = [] }] of operations) {
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
      expect(
        parameters.filter((one) => one.in === 'path').map((one) => one.name),
        name,
      ).toEqual(inPath)
      expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size, name).toBe(parameters.length)
      for (const parameter of parameters) {
        expect(['path', 'query'], name).toContain(parameter.in)
        expect(parameter.required, `${name} ${parameter.name}`).toBe(parameter.in === 'path')
        expect(parameter.description, `${name} ${parameter.name}`).toMatch(/\w/)
        expect(parameter.schema, `${name} ${parameter.name}`).toBeTypeOf('object')
      }
    }
  })

  test('says where bodies go and who has to authenticate', () => {
    const schemes = Object.keys(document.components.securitySchemes)
    for (const [name, { requestBody, security = [] }] of operations) {
      const takesBody = /^(?:PUT|POST) /.test(name)
      expect(Object.keys(requestBody?.content ?? {}).length, name).toBe(takesBody ? 1 : 0)
      for (const scheme of security.flatMap(Object.keys)) expect(schemes).toContain(scheme)
      const isWrite = /^(?:PUT|DELETE) |^POST \/api\/registrations$/.test(name)
      if (isWrite) expect(security, name).not.toEqual([])
    }
  })

  test('tells of the answers that the node gives', async () => {
    for (const [target, path] of [
      ['/api/handles/88.1000/ADMIN', '/api/handles/{handle}'],
      ['/api/handles/88.1000/absent', '/api/handles/{handle}'],
      ['/api/handles/88.9/x', '/api/handles/{handle}'],
      ['/api/handles?prefix=88.1000', '/api/handles'],
      ['/api/registrations?prefix=88.1000', '/api/registrations'],
      ['/88.1000/ADMIN', '/{handle}'],
      ['/88.1000/absent', '/{handle}'],
      ['/api/site', '/api/site'],
      ['/hrls/handles?URL=*x*', '/hrls/handles'],
      ['/api/sessions/this', '/api/sessions/this'],
      ['/api/statistics', '/api/statistics'],
      ['/metrics', '/metrics'],
      ['/health/live', '/health/live'],
      ['/health/ready', '/health/ready'],
      ['/openapi.json', '/openapi.json'],
    ] as const) {
      for (const answer of [await node.ask(target), await node.administer(target)]) {
        const described = document.paths[path]?.get?.responses[answer.status]
        const mediaType = answer.headers.get('content-type')?.split(';', 1)[0]
        expect(Object.keys(described?.content ?? {}), `${target} ${answer.status}`).toEqual([mediaType])
      }
    }
  })
})

describe('the page that browses it', () => {
  test.each(['/docs', '/docs/'])('%s has all it needs from the node itself', async (path) => {
    const page = await node.ask(path)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset = '']) => asset)
    expect(assets.length).toBeGreaterThan(3)
    for (const asset of assets) {
      const { origin, pathname } = new URL(asset, `${node.url}${path}`)
      expect(origin).toBe(node.url)
      const answer = await node.ask(pathname)
      expect([answer.status, answer.text.length > 0], asset).toEqual([200, true])
    }
  })

  test('shows the document that the node serves', async () => {
    expect((await node.ask('/docs/json')).json()).toEqual(document)
  })

  test('asks no other server for anything, and not for TLS that the node does not speak', async () => {
    const policy = (await node.ask('/docs/')).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toMatch(/https?:|upgrade-insecure-requests|\w\.\w/)
    const settings = (await node.ask('/docs/static/swagger-initializer.js')).text
    expect(settings).toContain('"validatorUrl":null')
  })
})

function followRoutes(message: unknown): void {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url })
  })
}

function isPage(url: string): boolean {
  return url === '/docs' || url.startsWith('/docs/')
}
