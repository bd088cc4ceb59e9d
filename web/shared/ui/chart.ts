/** Colours for charts, from the same tokens as everything else. */
import type { EChartsCoreOption } from 'echarts/core'

export type ChartOption = EChartsCoreOption

export interface Palette {
  accent: string
  accentSoft: string
  danger: string
  warn: string
  info: string
  text: string
  soft: string
  line: string
  surface: string
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    accent: token('--accent'),
    accentSoft: token('--accent-line'),
    danger: token('--danger'),
    warn: token('--warn'),
    info: token('--info'),
    text: token('--text'),
    soft: token('--text-soft'),
    line: token('--line'),
    surface: token('--surface'),
  }
}

/** What every chart here has in common: no frame, thin lines, the page's font and a tooltip in its colours. */
export function withTheme(option: ChartOption, palette: Palette): ChartOption {
  const { tooltip, grid, ...rest } = option as ChartOption & { tooltip?: object; grid?: object }
  return {
    animation: false,
    color: [palette.accent, palette.warn, palette.info],
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: palette.soft },
    grid: { left: 8, right: 8, top: 16, bottom: 0, outerBoundsMode: 'same', ...grid },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.text, fontSize: 13 },
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.line, opacity: 0.35 } },
      ...tooltip,
    },
    ...rest,
  }
}

export function axisOf(palette: Palette, over: object = {}): object {
  return {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.soft, fontSize: 12, hideOverlap: true },
    splitLine: { lineStyle: { color: palette.line } },
    ...over,
  }
}
