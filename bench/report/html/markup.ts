import type { Fact } from '../report-facts.ts'
import type { Cell, Table } from '../report-tables.ts'

/** Text as HTML, safe in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** Data for the page's script: `<` is escaped so that no text in it can end the element or open a comment. */
export function embeddedJson(options: { readonly id: string; readonly value: unknown }): string {
  const json = JSON.stringify(options.value).replaceAll('<', '\\u003c')
  return `<script type="application/json" id="${escapeHtml(options.id)}">${json}</script>`
}

/** A table that scrolls sideways by itself where the screen is narrow. */
export function renderTable({ caption, columns, rows }: Table): string {
  const heads = columns.map(
    ({ heading, numeric }) => `<th scope="col"${numericClass(numeric)}>${escapeHtml(heading)}</th>`,
  )
  const body = rows.map(({ cells, alarming }) => {
    const rendered = cells.map((cell, index) => {
      const content = renderCell(cell)
      return index === 0
        ? `<th scope="row">${content}</th>`
        : `<td${numericClass(columns[index]?.numeric ?? false)}>${content}</td>`
    })
    return `<tr${alarming ? ' class="alarm"' : ''}>${rendered.join('')}</tr>`
  })
  return `<div class="scroll" role="region" aria-label="${escapeHtml(caption)}" tabindex="0">
<table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${heads.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`
}

export function renderFacts(facts: readonly Fact[]): string {
  const items = facts.map(
    ({ label, cell }) => `<div><dt>${escapeHtml(label)}</dt><dd>${renderCell(cell)}</dd></div>`,
  )
  return `<dl class="facts">${items.join('\n')}</dl>`
}

export function renderList(texts: readonly string[]): string {
  return `<ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`
}

/** A number keeps its exact value in `data`, so that it can be copied and checked. */
function renderCell({ text, value, isWord = false }: Cell): string {
  const shown = isWord ? `<span class="word">${escapeHtml(text)}</span>` : escapeHtml(text)
  return value === undefined ? shown : `<data value="${value}">${shown}</data>`
}

function numericClass(numeric: boolean): string {
  return numeric ? ' class="number"' : ''
}
