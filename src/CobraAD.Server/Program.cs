using CobraAD.Server.Hosting;

return await ServerProgram.RunAsync(args);
