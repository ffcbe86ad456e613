// The .feature file that the panel hands out, judged by the official parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AstBuilder, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator } from '@cucumber/messages';
import { featureOf } from '../../web/assets/gherkin.js';

const parse = (text) => new Parser(new AstBuilder(IdGenerator.incrementing()), new GherkinClassicTokenMatcher()).parse(text);

const GERMAN = `# language: de

@negative
Szenario: Die Karte wird gesperrt
  Angenommen eine Karte mit 2 falschen PINs
  Wenn die Kundin eine falsche PIN eingibt
  Dann ist die Karte gesperrt

# Question: Wer entsperrt sie?
`;

test('a German draft is a German file, with its notes', () => {
  const notes = [{ note: 'trimmed', text: 'The story is long: only the first 2 of its 4 sentences were read.' }];
  const file = featureOf('Karte\n sperren', { dialect: { language: 'de', feature: 'Funktionalität' }, notes, text: GERMAN });
  assert.ok(file.startsWith('# language: de\n# Note: The story is long'), file);
  const { feature, comments } = parse(file);
  assert.equal(feature.language, 'de');
  assert.equal(feature.name, 'Karte sperren');
  assert.equal(feature.children[0].scenario.steps[0].keyword, 'Angenommen ');
  assert.equal(comments.length, 2, 'the note and the question');
});

test('an English one says nothing of its language', () => {
  const text = '@negative\nScenario: A card\n  Given a card\n  When it is used\n  Then it works\n';
  const file = featureOf('Cards', { dialect: { language: 'en', feature: 'Feature' }, notes: [], text });
  assert.equal(file, 'Feature: Cards\n\n  @negative\n  Scenario: A card\n    Given a card\n    When it is used\n    Then it works\n');
  assert.equal(parse(file).feature.children.length, 1);
});
