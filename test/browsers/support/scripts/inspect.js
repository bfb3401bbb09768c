'use strict'
// Runs in the page under test, and says what is wrong with it, an element a line.

const CONTROLS = 'a[href], button:enabled, input:enabled, select:enabled, summary, [tabindex="0"]'
/** What paper does not need. */
const FOR_THE_SCREEN = 'button, nav, .screen-only, .action, .connections :is(th, td):last-child, a.button'
const DARKEST_GREY = 102

/** @param {Element} element */
function nameOf(element) {
  return `${element.tagName.toLowerCase()} “${(element.textContent || element.id).trim().replaceAll(/\s+/g, ' ').slice(0, 60)}”`
}

/** @param {Element} element */
function isVisible(element) {
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
}

/** @param {Element} element */
function hasOwnText(element) {
  return [...element.childNodes].some(
    ({ nodeType, textContent }) => nodeType === 3 && textContent?.trim() !== '',
  )
}

/** What stands out of the window sideways, or whose content is cut off. What scrolls by itself may. */
function cutOff() {
  const { clientWidth, scrollWidth } = document.documentElement
  const elements = [...document.body.querySelectorAll('*')].filter(
    (element) => isVisible(element) && element.closest('.scroll > *, svg, select') === null,
  )
  return [
    ...(scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : []),
    ...elements.filter(isOutside).map((element) => `outside: ${nameOf(element)}`),
    ...elements.filter(hidesContent).map((element) => `cut off: ${nameOf(element)}`),
  ]
}

/** @param {Element} element */
function isOutside(element) {
  const { left, right } = element.getBoundingClientRect()
  return left < -1 || right > document.documentElement.clientWidth + 1
}

/** @param {Element} element */
function hidesContent(element) {
  if (element.matches('.scroll, input')) return false
  const { overflowX, overflowY } = getComputedStyle(element)
  return (
    (overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) ||
    (overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 1)
  )
}

/** Sets the size of text as a user does in the browser's settings. @param {string} size */
function setTextSize(size) {
  document.documentElement.style.fontSize = size
}

/** Text that does not grow with the size that the user has set in the browser. */
function fixedText() {
  const texts = [...document.body.querySelectorAll('*')].filter(
    (element) => isVisible(element) && hasOwnText(element),
  )
  const sizes = texts.map((text) => parseFloat(getComputedStyle(text).fontSize))
  setTextSize('300%')
  const found = texts.filter(
    (text, at) => parseFloat(getComputedStyle(text).fontSize) <= (sizes[at] ?? 0) + 1,
  )
  setTextSize('')
  return found.map((text) => `fixed: ${nameOf(text)}`)
}

/** What is wrong on paper: controls of the screen, lost text, anything but dark on white. */
function onPaper() {
  const found = [...document.querySelectorAll(FOR_THE_SCREEN)]
    .filter((element) => isVisible(element) && element.textContent.trim() !== '')
    .map((element) => `on paper: ${nameOf(element)}`)
  for (const element of document.body.querySelectorAll('*')) {
    if (
      element.closest(`${FOR_THE_SCREEN}, [hidden], noscript, script, select`) !== null ||
      !hasOwnText(element)
    )
      continue
    if (!isVisible(element)) found.push(`lost: ${nameOf(element)}`)
    if (channels(getComputedStyle(element).color).some((channel) => channel > DARKEST_GREY)) {
      found.push(`pale: ${nameOf(element)}`)
    }
  }
  for (const element of [document.documentElement, document.body, ...document.body.querySelectorAll('*')]) {
    const { backgroundColor } = getComputedStyle(element)
    const isWhite = channels(backgroundColor).every((channel) => channel === 255)
    if (!isWhite && !backgroundColor.endsWith(', 0)') && isVisible(element))
      found.push(`not white: ${nameOf(element)}`)
  }
  return found
}

/** @param {string} color @returns {number[]} */
function channels(color) {
  return [...color.matchAll(/[\d.]+/g)].slice(0, 3).map(([digits]) => Number(digits))
}

/** The controls that Tab reaches: of radio buttons the checked one. @returns {Element[]} */
function controls() {
  return [...document.querySelectorAll(CONTROLS)].filter(
    (element) =>
      isVisible(element) &&
      !(
        element instanceof HTMLInputElement &&
        (element.type === 'hidden' || (element.type === 'radio' && !element.checked))
      ),
  )
}

/** Takes the focus from what was clicked, so that Tab begins at the top. */
function startAtTop() {
  document.body.tabIndex = -1
  document.body.focus()
  document.body.removeAttribute('tabindex')
}

/** The control with the focus: its place among all, and whether the user sees the focus. */
function focus() {
  const element = document.activeElement
  if (element === null || element === document.body) return { at: -1, name: 'nothing', isSeen: false }
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  const { top, bottom } = element.getBoundingClientRect()
  const isInWindow = bottom > 0 && top < innerHeight
  const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && isInWindow
  return { at: controls().indexOf(element), name: nameOf(element), isSeen }
}

Object.assign(globalThis, {
  inspect: {
    cutOff,
    setTextSize,
    fixedText,
    onPaper,
    startAtTop,
    focus,
    controls: () => controls().map(nameOf),
  },
})
