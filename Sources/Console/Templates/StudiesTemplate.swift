// The list of studies with its filters.

extension Templates {
    static let studies = """
        <h1>{{t.studiesTitle}}</h1>
        {{#.complaint}}<p class="banner attention" role="alert">{{.}}</p>{{/.complaint}}
        <form method="post" action="/studies" class="filters" role="search" aria-label="{{t.filters}}">
        <input type="hidden" name="csrf" value="{{csrf}}">
        <div class="field wide"><label for="text">{{t.search}}</label>
        <input id="text" name="text" type="search" value="{{text}}" maxlength="128" autocomplete="off"
        spellcheck="false" aria-describedby="text-help">
        <span class="help" id="text-help">{{t.searchHelp}}</span></div>
        <div class="field"><label for="source">{{t.source}}</label><input id="source" name="source"
        value="{{source}}" maxlength="64" autocomplete="off"></div>
        <div class="field"><label for="destination">{{t.destination}}</label><select id="destination"
        name="destination"><option value="">{{t.all}}</option>
        {{#destinations}}<option value="{{value}}"{{#chosen}}
        selected{{/chosen}}>{{word}}</option>{{/destinations}}</select></div>
        <div class="field short"><label for="modality">{{t.modality}}</label><input id="modality" name="modality"
        value="{{modality}}" maxlength="16" autocomplete="off"></div>
        <div class="field"><label for="since">{{t.since}}</label><input id="since" name="since" type="{{dateType}}"
        value="{{since}}"></div>
        <div class="field"><label for="until">{{t.until}}</label><input id="until" name="until" type="{{dateType}}"
        value="{{until}}"></div>
        {{>choices}}
        <label class="sure"><input type="checkbox" name="person" value="yes"{{#needsPersonOnly}}
        checked{{/needsPersonOnly}}> {{t.needsPerson}}</label>
        <div class="buttons"><button>{{t.show}}</button> <a href="/studies">{{t.clear}}</a></div>
        </form>
        {{#.found}}<p class="note">{{.}}</p>{{/.found}}
        {{^rows}}<p class="empty">{{t.noStudies}}</p>{{/rows}}
        {{#hasRows}}
        <div class="scroll" role="region" aria-label="{{t.studiesTitle}}" tabindex="0"><table>
        <caption class="unseen">{{t.studiesTitle}}</caption>
        <thead><tr><th scope="col">{{t.key}}</th><th scope="col">{{t.state}}</th><th scope="col">{{t.priority}}</th>
        <th scope="col">{{t.modality}}</th>
        <th scope="col">{{t.bodyPart}}</th><th scope="col">{{t.source}}</th><th scope="col"
        class="n">{{t.instances}}</th>
        <th scope="col" class="n">{{t.size}}</th><th scope="col">{{t.received}}</th>
        <th scope="col">{{t.destination}}</th></tr></thead>
        {{#rows}}
        <tbody class="group"><tr><th scope="row"><a href="{{address}}">{{key}}</a>{{#.followUp}}
        <span class="under nowrap">{{.}}</span>{{/.followUp}}</th>
        <td>{{#state}}{{>state}}{{/state}}{{#.held}}
        <span class="under attention">! {{.}}</span>{{/.held}}</td><td>{{priority}}</td><td>{{modalities}}</td><td>{{bodyParts}}</td>
        <td>{{source}}</td>
        <td class="n">{{instances}}</td><td class="n">{{size}}</td><td>{{#received}}{{>time}}{{/received}}</td>
        <td>{{destinations}}</td></tr>
        {{#.hold}}<tr class="more"><td colspan="10">{{>notice}}</td></tr>{{/.hold}}
        </tbody>
        {{/rows}}
        </table></div>
        {{/hasRows}}
        {{#hasPages}}
        <nav class="pages" aria-label="{{t.pages}}">{{#.previous}}<a rel="prev"
        href="{{.}}">← {{t.previous}}</a>{{/.previous}}
        <span>{{pageNumber}}</span>
        {{#.next}}<a rel="next" href="{{.}}">{{t.next}} →</a>{{/.next}}</nav>
        {{/hasPages}}

        """
}
