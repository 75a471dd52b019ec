namespace CobraAD.Server.Hosting;

/// <summary>The service as a program of its own, without the rest of <c>cobra</c>: what the container and the units start.</summary>
internal static class ServerProgram
{
    private const int Failure = 1;
    private const int Usage = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine("""
                Scores images of parts with a model made by 'cobra export'.

                Usage: CobraAD.Server --model MODEL.onnx [--urls http://127.0.0.1:8080] [--data-folder FOLDER] [--database FILE|CONNECTION]
                                      [--keep-images none|thumbnails|originals] [--watch:folder FOLDER] [--OPTION VALUE]...

                Several products: --products:0:name bottle --products:0:model bottle.onnx [--products:0:watch:folder FOLDER] --products:1:name …

                Every option of ServerOptions can be set here, in appsettings.json (section "Cobra") or in the environment (COBRA_MODEL,
                COBRA_API_KEY, …). See docs/guide/deploy.md.
                """);
            return 0;
        }

        try
        {
            await CobraServer.RunAsync(Parse(arguments));
            return 0;
        }
        catch (OperationCanceledException)
        {
            // Told to stop before it was ready.
            return 0;
        }
        catch (ArgumentException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Usage;
        }
        catch (Exception exception)
        {
            // Whatever kept it from starting or going on: a person reads this in a journal.
            await Console.Error.WriteLineAsync(Chain(exception));
            if (Environment.GetEnvironmentVariable("COBRA_DEBUG") is "1") await Console.Error.WriteLineAsync(exception.ToString());
            return Failure;
        }
    }

    /// <summary>The message, and those of its causes that say more.</summary>
    private static string Chain(Exception exception)
    {
        List<string> messages = [];
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (!messages.Any(said => said.Contains(cause.Message, StringComparison.Ordinal))) messages.Add(cause.Message);
        }

        return string.Join(" ", messages);
    }

    /// <summary>--keep-images originals or --keep-images=originals is KeepImages.</summary>
    private static Dictionary<string, string?> Parse(string[] arguments)
    {
        Dictionary<string, string?> options = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal)) throw new ArgumentException($"Found '{arguments[i]}', expected an option such as --model.");
            string[] parts = arguments[i][2..].Split('=', 2);
            if (parts.Length == 1 && i + 1 == arguments.Length) throw new ArgumentException($"{arguments[i]} needs a value.");
            options[parts[0].Replace("-", "", StringComparison.Ordinal)] = parts.Length == 2 ? parts[1] : arguments[++i];
        }

        return options;
    }
}
