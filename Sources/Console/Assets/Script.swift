// The one script: it fetches the live part of the first page again, and can be paused.

extension Assets {
    /// Plain ECMAScript without a build step. What it inserts was escaped by the server, and the content security
    /// policy lets nothing inline run. The page works without it, by `<meta http-equiv="refresh">`.
    static let script = """
        (() => {
          'use strict';
          const live = document.getElementById('live');
          const pause = document.getElementById('pause');
          const lost = document.getElementById('lost');
          const spoken = document.getElementById('spoken');
          if (!live || !pause) { return; }
          const every = 5000;
          const pauseWord = pause.textContent;
          let paused = false;
          let shown = '';
          let said = document.getElementById('headline')?.textContent ?? '';

          // The focus stays where it is: on the element of the same id, or of the same place among those that take it.
          const places = () => Array.from(live.querySelectorAll('a[href], button, [tabindex]'));
          const put = (html) => {
            if (html === shown) { return; }
            const focus = document.activeElement;
            const inside = focus && live.contains(focus);
            const place = inside ? places().indexOf(focus) : -1;
            const id = inside ? focus.id : '';
            const scrolled = Array.from(live.querySelectorAll('.scroll'), (each) => each.scrollLeft);
            live.innerHTML = html;
            shown = html;
            live.querySelectorAll('.scroll').forEach((each, index) => { each.scrollLeft = scrolled[index] ?? 0; });
            if (inside) { ((id && document.getElementById(id)) || places()[place])?.focus({ preventScroll: true }); }
            const headline = document.getElementById('headline')?.textContent ?? '';
            if (headline !== said) { said = headline; spoken.textContent = headline; }
          };

          const fetchOnce = async () => {
            try {
              const answer = await fetch(live.dataset.source, {
                credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(10000),
              });
              if (answer.status === 401) { location.reload(); return; }
              if (!answer.ok) { throw new Error(String(answer.status)); }
              const html = await answer.text();
              lost.hidden = true;
              live.classList.remove('old');
              if (!paused) { put(html); }
            } catch {
              lost.hidden = false;
              live.classList.add('old');
            }
          };

          const tick = async () => {
            if (!paused && !document.hidden) { await fetchOnce(); }
            setTimeout(tick, every);
          };

          pause.hidden = false;
          pause.addEventListener('click', () => {
            paused = !paused;
            pause.setAttribute('aria-pressed', String(paused));
            pause.textContent = paused ? pause.dataset.resume : pauseWord;
            if (!paused) { fetchOnce(); }
          });
          document.addEventListener('visibilitychange', () => { if (!document.hidden && !paused) { fetchOnce(); } });
          setTimeout(tick, every);
        })();

        """
}
