using CobraAD.Cli;
using CobraAD.Mpi;

HugePages.Use(args);
// mpirun gives rank 0 a terminal of its own, and .NET would greet it with control characters before the result, which is then no JSON.
if (RankLaunch.Detect() is not null) Environment.SetEnvironmentVariable("TERM", "dumb");
using InterruptSignal interrupt = new(RankLaunch.Detect() is { Rank: > 0 } ? TextWriter.Null : Console.Error);
return await new CobraApplication(Console.Out, Console.Error, isTerminal: !Console.IsErrorRedirected).RunAsync(args, interrupt.Token);
