namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>How the noise of a diffusion grows.</summary>
public enum NoiseScheduleKind
{
    /// <summary>ᾱ_t along a squared cosine (Nichol and Dhariwal 2021): the middle of the steps is neither clean nor pure noise.</summary>
    Cosine,

    /// <summary>β from 1e-4 to 0.02 in a straight line (Ho et al. 2020).</summary>
    Linear,
}
