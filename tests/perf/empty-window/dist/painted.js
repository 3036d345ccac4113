const report = () => window.__TAURI_INTERNALS__.invoke('framed', { ms: Math.round(performance.now()) });
requestAnimationFrame(() => requestAnimationFrame(report));
