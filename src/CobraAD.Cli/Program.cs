using CobraAD.Cli;

using InterruptSignal interrupt = new(Console.Error);
return await new CobraApplication(Console.Out, Console.Error, isTerminal: !Console.IsErrorRedirected).RunAsync(args, interrupt.Token);
