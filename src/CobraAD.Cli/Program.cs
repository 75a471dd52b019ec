using CobraAD.Cli;
using CobraAD.Mpi;

using InterruptSignal interrupt = new(RankLaunch.Detect() is { Rank: > 0 } ? TextWriter.Null : Console.Error);
return await new CobraApplication(Console.Out, Console.Error, isTerminal: !Console.IsErrorRedirected).RunAsync(args, interrupt.Token);
