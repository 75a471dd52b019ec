using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>
/// Updates parameters from their gradients. Its memory (momentum and the like) has names, so that a run can be resumed to the same
/// bits. Make it after the parameters are on their device.
/// </summary>
internal abstract class Optimizer : IDisposable
{
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> parameters;
    private readonly Dictionary<string, Tensor> memory = new(StringComparer.Ordinal);

    /// <summary>For the optimisers that derive from this class.</summary>
    /// <param name="parameters">What is updated; the optimiser does not own them.</param>
    /// <param name="slots">Names of the tensors kept for each parameter, e.g. "momentum"; they start at zero.</param>
    protected Optimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, params ReadOnlySpan<string> slots)
    {
        this.parameters = parameters;
        foreach (string slot in slots)
        {
            foreach ((string name, Parameter parameter) in parameters)
                memory[$"{slot}.{name}"] = zeros_like(parameter).DetachFromDisposeScope();
        }
    }

    /// <summary>Factor on the next step; set it before each <see cref="Step"/>.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps taken so far.</summary>
    protected long Steps { get; private set; }

    /// <summary>Changes every parameter that has a gradient, once.</summary>
    public void Step()
    {
        using IDisposable frozen = no_grad();
        Steps++;
        foreach ((string name, Parameter parameter) in parameters)
        {
            using DisposeScope scope = NewDisposeScope();
            if (parameter.grad is { } gradient) Update(name, parameter, gradient);
        }
    }

    /// <summary>Forgets the gradients. Call it before each backward pass, which adds to them.</summary>
    public void ZeroGradients()
    {
        foreach ((_, Parameter parameter) in parameters)
        {
            using Tensor? gradient = parameter.grad;
            parameter.grad = null;
        }
    }

    /// <summary>Shortens all gradients together to a length, if they are longer. Nothing waits for the device.</summary>
    /// <param name="largestNorm">The length, above 0.</param>
    public void ClipGradients(double largestNorm)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor[] gradients = [.. parameters.Select(entry => entry.Parameter.grad).OfType<Tensor>()];
        if (gradients.Length == 0) return;
        Tensor length = stack([.. gradients.Select(gradient => gradient.norm())]).norm();
        Tensor factor = (largestNorm / (length + 1e-12)).clamp_max(1);
        foreach (Tensor gradient in gradients) gradient.mul_(factor);
    }

    /// <summary>A copy of everything that the next step depends on besides parameters and gradients; the caller disposes the tensors.</summary>
    public IReadOnlyDictionary<string, Tensor> SaveState()
    {
        Dictionary<string, Tensor> state = memory.ToDictionary(entry => entry.Key, entry => entry.Value.clone(), StringComparer.Ordinal);
        state["steps"] = tensor(Steps, ScalarType.Int64);
        return state;
    }

    /// <summary>Takes up where <see cref="SaveState"/> left off, to the bit.</summary>
    /// <param name="state">A saved state of the same optimiser over parameters of the same names and shapes; copied.</param>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or of another shape or type.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        if (!state.TryGetValue("steps", out Tensor? steps)) throw new ArgumentException("The optimiser state has no entry 'steps'.", nameof(state));
        foreach (string name in state.Keys)
        {
            if (name != "steps" && !memory.ContainsKey(name)) throw new ArgumentException($"The optimiser state has an entry '{name}' that this optimiser does not know; it belongs to another optimiser or network.", nameof(state));
        }

        foreach ((string name, Tensor target) in memory)
        {
            if (!state.TryGetValue(name, out Tensor? source)) throw new ArgumentException($"The optimiser state has no entry '{name}'; it belongs to another optimiser or network.", nameof(state));
            if (source.dtype != target.dtype || !source.shape.SequenceEqual(target.shape))
                throw new ArgumentException($"The optimiser state's '{name}' is {source.dtype} [{string.Join(", ", source.shape)}]; expected {target.dtype} [{string.Join(", ", target.shape)}].", nameof(state));
        }

        foreach ((string name, Tensor target) in memory) target.copy_(state[name]);
        Steps = steps.item<long>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in memory.Values) tensor.Dispose();
        memory.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes one parameter in place; no gradients are recorded and temporary tensors are disposed.</summary>
    /// <param name="name">The parameter's name, the key of its memory.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient; unchanged.</param>
    protected abstract void Update(string name, Parameter parameter, Tensor gradient);

    /// <summary>A tensor kept for a parameter, to be changed in place.</summary>
    /// <param name="slot">What is kept, e.g. "momentum".</param>
    /// <param name="name">The parameter's name.</param>
    protected Tensor Memory(string slot, string name) => memory[$"{slot}.{name}"];
}
