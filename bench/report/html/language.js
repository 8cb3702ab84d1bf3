// Switches the words of the page between English and 中文. Numbers, names and what a server said stay as they are.
// It runs in a reader's browser before the charts, which ask `translate` for their words.
const dictionary = JSON.parse(document.getElementById('chinese')?.textContent ?? '{}')
const templates = Object.entries(dictionary)
  .filter(([english]) => english.includes('{}'))
  .map(([english, chinese]) => ({ pattern: patternOf(english), chinese }))
const originals = new Map()
let language = 'en'

globalThis.pageLanguage = { translate }

function translate(text) {
  if (language === 'en') return text
  const known = dictionary[text]
  if (known !== undefined) return known
  for (const { pattern, chinese } of templates) {
    const match = pattern.exec(text)
    if (match === null) continue
    let part = 0
    return chinese.replaceAll('{}', () => translate(match[++part] ?? ''))
  }
  return text
}

function patternOf(english) {
  const literal = english.split('{}').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('(.*?)')}$`, 's')
}

const button = document.getElementById('language')
button?.addEventListener('click', () => show(language === 'en' ? 'zh' : 'en'))
if (button !== null && navigator.language.startsWith('zh')) show('zh')

function show(chosen) {
  language = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
  button.textContent = chosen === 'zh' ? 'English' : '中文'
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const holder = node.parentElement
    if (holder.closest('pre, .plot') !== null) continue
    if (holder.closest('td, tbody') !== null && !holder.matches('.word')) continue
    if (!originals.has(node)) originals.set(node, node.data)
    const original = originals.get(node)
    const words = original.trim()
    node.data = words === '' ? original : original.replace(words, () => translate(words))
  }
  for (const element of document.querySelectorAll('main [aria-label]')) {
    element.dataset.label ??= element.getAttribute('aria-label')
    element.setAttribute('aria-label', translate(element.dataset.label))
  }
  document.dispatchEvent(new Event('language'))
}
