using CobraAD.Cli;
using CobraAD.Mpi;

TextWriter error = StandardStreams.IsWritable(StandardStreams.Error) ? Console.Error : TextWriter.Null;
if (!StandardStreams.IsWritable(StandardStreams.Output))
{
    error.WriteLine("error: the standard output is closed or cannot be written to, so there is nowhere to put results. Send it to a file, or to /dev/null.");
    return ExitCode.Failure;
}

HugePages.Use(args);
// mpirun gives rank 0 a terminal of its own, and .NET would greet it with control characters before the result, which is then no JSON.
if (RankLaunch.Detect() is not null) Environment.SetEnvironmentVariable("TERM", "dumb");
using InterruptSignal interrupt = new(RankLaunch.Detect() is { Rank: > 0 } ? TextWriter.Null : error);
return await new CobraApplication(Console.Out, error, isTerminal: !Console.IsErrorRedirected).RunAsync(args, interrupt.Token);
