const report = () => window.__TAURI_INTERNALS__.invoke('painted', { ms: Math.round(performance.now()) });
requestAnimationFrame(() => requestAnimationFrame(report));
