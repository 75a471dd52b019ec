using CobraAD.Losses;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>
/// Free adversarial training (Shafahi et al. 2019): each update's backward pass also gives the gradient of the attacked images, which take
/// one step along its sign before the next update of the same batch.
/// </summary>
/// <param name="step">The step whose updates are repeated.</param>
/// <param name="attack">Radius, start, length of a step and number of updates.</param>
/// <param name="streams">The run's random numbers.</param>
internal sealed class FreeAdversarialStep(CobraStep step, InnerMaximization attack, RandomStreams streams)
{
    public StepOutcome Run(StepRows rows, double learningRate, int epoch, int number)
    {
        InnerMaximizationOptions options = attack.Options;
        using EpsilonBox box = new(rows.Images, options.Epsilon);
        using Generator rng = streams.Create("attack", epoch, number);
        using Tensor start = box.Start(options.Start, rng), current = start.clone();
        for (int replay = 0; ; replay++)
        {
            using StepScope scope = new();
            Tensor views = step.Views(rows.Images, epoch, number, replay);
            Tensor attacked = current.clone().requires_grad_();
            ObjectiveParts loss = step.Update(cat([views, attacked]), rows, learningRate);
            box.Move(current, attacked.grad!.sign_(), options.StepSize ?? options.Epsilon);
            if (replay == options.Replays - 1) return CobraStep.Outcome(loss, rows.Layout, (number == 0 ? step.Gain(attack, rows, views, start, current) : null, null));
        }
    }
}
