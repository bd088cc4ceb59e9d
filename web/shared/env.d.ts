declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}

/** The version of Aisle this page was built with. */
declare const __AISLE_VERSION__: string
