import { mount } from 'svelte';
import App from './views/App.svelte';
import { selectHost } from './host/select';
import { Desk } from './state/desk.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/frame.css';

const host = await selectHost();
const desk = new Desk(host);
const target = document.getElementById('app');
if (target) mount(App, { target, props: { desk } });
desk.clock.start();
await desk.start();
host.listens();
