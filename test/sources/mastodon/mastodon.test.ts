import { mastodon } from '../../../src/sources/mastodon/mastodon.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(mastodon, 'fixtures/mastodon');
