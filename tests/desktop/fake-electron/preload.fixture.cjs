const { contextBridge, ipcRenderer, webUtils } = require('electron');

contextBridge.exposeInMainWorld('bridge', {
  add: (left, right) => ipcRenderer.invoke('add', left, right),
  missing: () => ipcRenderer.invoke('missing'),
  pathOf: (file) => webUtils.getPathForFile(file),
  connect: () => ipcRenderer.send('connect'),
  hasNode: () => typeof require === 'function' && typeof process.cwd === 'function',
});
ipcRenderer.on('port', (event) => window.postMessage('port', window.location.origin, event.ports));
