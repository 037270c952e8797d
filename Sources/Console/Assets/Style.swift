// How the pages look: calm, dense, and the same in light and dark.

extension Assets {
    static let style = """
        :root {
          color-scheme: light dark;
          --ground: #f7f8f8; --paper: #ffffff; --ink: #1c2326; --soft: #566268; --line: #d9dfe1; --accent: #0f5f73;
          --good: #1c6b3c; --moving: #0f5f73; --waiting: #5a5230; --attention: #9a2b14; --ended: #566268;
          --good-ground: #e6f3ea; --moving-ground: #e3f0f3; --waiting-ground: #f3efdd; --attention-ground: #fbe8e3;
            --ended-ground: #eceff0;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #12171a; --paper: #1a2124; --ink: #e3e9eb; --soft: #9fadb3; --line: #313b40; --accent: #7cc7d8;
            --good: #8bd3a5; --moving: #7cc7d8; --waiting: #dccf94; --attention: #ffab96; --ended: #9fadb3;
            --good-ground: #183023; --moving-ground: #152e35; --waiting-ground: #302c18; --attention-ground: #3f1d15;
              --ended-ground: #252d31;
          }
        }
        * { box-sizing: border-box; }
        html { font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
        body { margin: 0; background: var(--ground); color: var(--ink); }
        a { color: var(--accent); text-underline-offset: .15em; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
        main:focus { outline: none; }
        .skip { position: absolute; left: -100rem; }
        .skip:focus { left: .5rem; top: .5rem; background: var(--paper); padding: .4rem .8rem; z-index: 2; }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; margin: 0; }
        .top { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem 1.5rem; padding: .5rem 1.25rem;
          background: var(--paper); border-bottom: 1px solid var(--line); }
        .brand { display: inline-flex; align-items: center; gap: .45rem; font-weight: 650; color: var(--ink);
          text-decoration: none; }
        .top ul { display: flex; flex-wrap: wrap; gap: .2rem; margin: 0; padding: 0; list-style: none; }
        .top nav a { display: block; padding: .25rem .6rem; border-radius: 4px; text-decoration: none; }
        .top nav a:hover { text-decoration: underline; }
        .top nav a[aria-current] { background: var(--moving-ground); color: var(--ink);
          box-shadow: inset 0 -2px var(--accent); }
        .tagline, .role { color: var(--soft); }
        .corner { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem 1rem; margin-left: auto;
          font-size: .9rem; }
        main { max-width: 88rem; margin: 0 auto; padding: 1rem 1.25rem 2rem; }
        footer { max-width: 88rem; margin: 0 auto; padding: 0 1.25rem 1.5rem; color: var(--soft); font-size: .87rem; }
        h1 { font-size: 1.45rem; line-height: 1.2; margin: .2rem 0 .7rem; }
        h2 { font-size: 1.05rem; margin: 1.5rem 0 .45rem; }
        .titlebar { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem 1rem; margin-bottom: .7rem; }
        .titlebar h1 { margin: .2rem 0; }
        .titlebar button { margin-left: auto; }
        .headline { font-size: 1.2rem; margin: 0 0 .9rem; padding: .55rem .9rem; border-left: 4px solid var(--ended);
          background: var(--paper); }
        .headline.good { border-color: var(--good); } .headline.moving { border-color: var(--moving); }
        .headline.attention { border-color: var(--attention); color: var(--attention); font-weight: 600; }
        .numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem; margin: 0;
          padding: 0; list-style: none; }
        .numbers a { display: block; height: 100%; padding: .5rem .8rem; background: var(--paper);
          border: 1px solid var(--line); border-radius: 5px; color: inherit; text-decoration: none; }
        .numbers a:hover { border-color: var(--accent); text-decoration: underline; }
        .numbers span { display: block; color: var(--soft); font-size: .87rem; line-height: 1.3; }
        .numbers .number { font-size: 1.55rem; color: var(--ink); font-variant-numeric: tabular-nums; }
        .numbers .attention a { border-color: var(--attention); background: var(--attention-ground); }
        .numbers .attention span { color: var(--attention); }
        .numbers .attention .number::after { content: " !"; content: " !" / ""; font-weight: 700; }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
          gap: 0 1.5rem; align-items: start; }
        .columns > * { min-width: 0; }
        .scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 5px; }
        table { border-collapse: collapse; width: 100%; font-size: .93rem; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .7rem; }
        thead th, thead td { font-weight: 600; color: var(--soft); font-size: .84rem;
          border-bottom: 1px solid var(--line); vertical-align: bottom; line-height: 1.25; }
        tbody th { font-weight: 600; }
        tbody:not(.group) tr + tr > *,
          tbody.group + tbody.group > tr:first-child > * { border-top: 1px solid var(--line); }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        thead .n { white-space: normal; }
        td time, dd time, .state { white-space: nowrap; }
        .under { display: block; color: var(--soft); font-weight: 400; font-size: .84rem; }
        .under.attention, td.attention { color: var(--attention); font-weight: 600; }
        td.dim { color: var(--soft); }
        .more > td { padding-top: 0; }
        .more > td > .notice { display: inline-block; vertical-align: top; max-width: min(60rem, calc(100vw - 4rem)); }
        .more .label + .notice { max-width: min(60rem, calc(100vw - 9.5rem)); }
        .nowrap { white-space: nowrap; }
        .more > td > .line { display: block; margin-top: .15rem; }
        .mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .86em; }
        .break { overflow-wrap: anywhere; }
        .label { color: var(--soft); }
        .state { display: inline-block; padding: .05rem .5rem; border-radius: 1rem; font-size: .87rem;
          font-weight: 550; }
        a.state { text-decoration: underline; }
        .state.good { background: var(--good-ground); color: var(--good); }
        .state.moving { background: var(--moving-ground); color: var(--moving); }
        .state.waiting { background: var(--waiting-ground); color: var(--waiting); }
        .state.attention { background: var(--attention-ground); color: var(--attention); }
        .state.ended { background: var(--ended-ground); color: var(--ended); }
        .age.late { color: var(--attention); font-weight: 600; }
        .age.late::before { content: "! "; content: "! " / ""; }
        .age.long { color: var(--waiting); font-weight: 600; }
        .notice { border-left: 3px solid var(--attention); padding: .05rem .6rem; font-size: .9rem; max-width: 60rem;
          overflow-wrap: anywhere; }
        .notice .hint { margin: .1rem 0 0; }
        td .notice, td.prose { min-width: 15rem; }
        .alarms { list-style: none; margin: 0 0 .9rem; padding: 0; display: grid; gap: .4rem; }
        .alarms .notice, .banner { background: var(--attention-ground); padding: .5rem .8rem;
          border-radius: 0 5px 5px 0; max-width: none; }
        .banner { margin: 0 0 .8rem; border-left: 4px solid var(--attention); }
        .banner.good { background: var(--good-ground); border-color: var(--good); }
        .banner .notice { border: 0; padding: 0; background: none; }
        .waiting { list-style: none; margin: 0; padding: .2rem .9rem; background: var(--paper);
          border: 1px solid var(--line); border-radius: 5px; }
        .waiting li { display: grid; grid-template-columns: 4rem 1fr; gap: .2rem .9rem; padding: .4rem 0; }
        .waiting li + li { border-top: 1px solid var(--line); }
        .notes { margin: 0; padding-left: 1.2rem; }
        .note, .help, .empty { color: var(--soft); font-size: .87rem; }
        .note { margin: .5rem 0; } .help { margin: 0; } .empty { margin: .3rem 0; }
        .old { opacity: .55; }
        dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .5rem 1rem;
          margin: 0; padding: .7rem .9rem; background: var(--paper); border: 1px solid var(--line);
            border-radius: 5px; }
        .scroll + dl.facts { margin-top: .6rem; }
        .facts .wide { grid-column: 1 / -1; }
        dt { color: var(--soft); font-size: .84rem; } dd { margin: 0; }
        .filters { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .6rem .9rem; padding: .8rem .9rem;
          margin-bottom: .9rem; background: var(--paper); border: 1px solid var(--line); border-radius: 5px; }
        .field { display: grid; gap: .15rem; min-width: 9rem; flex: 0 1 11rem; }
        .field.wide { flex: 1 1 100%; } .field.wide input { max-width: 30rem; }
        .field.short { min-width: 5rem; flex-basis: 6rem; }
        label, legend { font-size: .87rem; color: var(--soft); }
        .choices { flex: 1 1 100%; display: flex; flex-wrap: wrap; gap: .2rem 1rem; border: 0; margin: 0; padding: 0; }
        .choices legend { float: left; margin-right: 1rem; padding: 0; }
        .choices label, .sure { color: var(--ink); }
        input, select, button { font: inherit; color: inherit; }
        input:not([type=checkbox]), select { width: 100%; min-height: 2.15rem; padding: .25rem .5rem;
          background: var(--ground); border: 1px solid var(--soft); border-radius: 4px; }
        input[type=checkbox] { accent-color: var(--accent); width: 1rem; height: 1rem; vertical-align: -.12em; }
        button { min-height: 2.15rem; padding: .25rem .9rem; cursor: pointer; border-radius: 4px;
          border: 1px solid var(--accent); background: var(--accent); color: var(--paper); font-weight: 550; }
        button:hover { filter: brightness(1.12); }
        button.quiet, button.small { background: transparent; color: var(--accent); border-color: var(--line);
          min-height: 1.9rem; padding: .1rem .7rem; font-weight: 400; }
        button.grave { background: transparent; border-color: var(--attention); color: var(--attention); }
        .buttons { display: flex; gap: 1rem; align-items: center; }
        .actions { display: block; }
        .actions form { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: end;
          justify-content: space-between; padding: .55rem .9rem; background: var(--paper);
            border: 1px solid var(--line); border-bottom-width: 0; }
        .actions form:last-child { border-bottom-width: 1px; border-radius: 0 0 5px 5px; }
        .actions h2 + form { border-radius: 5px 5px 0 0; }
        .actions .field, .actions .help, .sure { flex: 1 1 14rem; align-self: center; }
        .actions button { min-width: 8rem; }
        .progress { white-space: nowrap; } .progress .under { white-space: normal; }
        progress { width: 6rem; height: .6rem; vertical-align: .02rem; accent-color: var(--accent); }
        ul.plain { margin: 0; padding: 0; list-style: none; }
        .timeline { list-style: none; margin: 0; padding: .3rem .9rem; background: var(--paper);
          border: 1px solid var(--line); border-radius: 5px; }
        .timeline:empty { display: none; }
        .timeline li { display: grid; grid-template-columns: 9.5rem 1fr; gap: .2rem .9rem; padding: .3rem 0;
          overflow-wrap: anywhere; }
        .timeline li + li { border-top: 1px solid var(--line); }
        .timeline time { color: var(--soft); font-variant-numeric: tabular-nums; }
        .timeline .under { display: inline; }
        .pages { display: flex; flex-wrap: wrap; gap: 1.2rem; margin: .8rem 0; }
        .card { max-width: 30rem; margin: 8vh auto 0; padding: 1.2rem 1.6rem 1.4rem; background: var(--paper);
          border: 1px solid var(--line); border-radius: 6px; }
        .stacked { display: grid; gap: .8rem; }
        @media (max-width: 40rem) {
          .top, main, footer { padding-left: .75rem; padding-right: .75rem; }
          .corner { margin-left: 0; width: 100%; }
          .timeline li, .waiting li { grid-template-columns: 1fr; }
          .field { flex: 1 1 40%; }
        }
        @media (prefers-reduced-motion: no-preference) { .numbers a, button { transition: border-color .12s,
          filter .12s; } }
        @media (forced-colors: active) { .state, .banner { border: 1px solid; } }
        @media print { .top, .filters, .actions, #pause { display: none; } }

        """
}
