using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CobraAD.Cli;

/// <summary>Ctrl+C and SIGTERM: the first asks the command to finish its step and clean up, the second kills the process.</summary>
internal sealed class InterruptSignal : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly TextWriter error;

    public InterruptSignal(TextWriter error)
    {
        this.error = error;
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (source.IsCancellationRequested)
        {
            // What hangs in a call of the system can neither be told to stop nor be waited for.
            using Process self = Process.GetCurrentProcess();
            self.Kill();
        }

        error.WriteLine("Stopping after the current step; press Ctrl+C again to stop at once.");
        source.Cancel();
    }
}
