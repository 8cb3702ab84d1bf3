import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, type Spawned, spawnServer } from '../peers/spawned.ts'
import { handlePath } from '../target/handle-path.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'

export type NginxOptions = {
  /** Where its configuration and temporary files are. */
  readonly directory: string
  readonly generator: RecordGenerator
  /** How many records it answers with, from ordinal 0 on. */
  readonly identifiers: number
  /** What starts it, such as `taskset -c 0`; nothing where it is empty. */
  readonly prefixCommand: readonly string[]
}

/**
 * nginx that answers each handle with its record from a table in its configuration: a Handle server that only reads, in
 * one process, much faster than the generator that is measured against it.
 */
export async function startNginxOfRecords(
  options: NginxOptions,
): Promise<Spawned & { readonly url: string }> {
  const { directory, generator, identifiers, prefixCommand } = options
  const port = await freePort()
  const rows = Array.from({ length: identifiers }, (_, ordinal) => {
    const { handle, valuesJson } = generator.recordOf(ordinal, 0)
    const body = `{"responseCode":1,"handle":${JSON.stringify(handle)},"values":${valuesJson}}`
    return `${quoted(handlePath(handle))} ${quoted(body)};`
  })
  await writeFile(join(directory, 'records.map'), rows.join('\n'))
  const configuration = join(directory, 'nginx.conf')
  await writeFile(configuration, configurationOf(directory, port))
  const [program = 'nginx', ...before] = [...prefixCommand, 'nginx']
  const spawned = await spawnServer(program, [...before, '-p', directory, '-c', configuration], { port })
  return { ...spawned, url: `http://127.0.0.1:${port}` }
}

function configurationOf(directory: string, port: number): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  )
  return `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 2048; }
http {
access_log off; keepalive_requests 1000000000; default_type application/json; ${paths.join(' ')}
map_hash_max_size 65536; map_hash_bucket_size 1024;
map $request_uri $record { default ''; include ${directory}/records.map; }
server { listen 127.0.0.1:${port}; location / { if ($record = '') { return 404; } return 200 $record; } }
}
`
}

/** A parameter of nginx, in which the dollar sign would begin a variable. */
function quoted(text: string): string {
  if (text.includes('$')) throw new TypeError('a record with a dollar sign cannot be a parameter of nginx')
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`
}
