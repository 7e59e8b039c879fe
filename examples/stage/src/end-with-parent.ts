// Loaded into each process before its program: none outlives the one that started it, however that ended.
process.on('disconnect', () => process.exit());
process.channel?.unref();
