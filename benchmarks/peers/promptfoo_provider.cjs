// The agent as a promptfoo provider: one scripted call, after DELAY_S seconds.
module.exports = class {
  id() {
    return 'scripted';
  }
  async callApi(prompt) {
    const delay = 1000 * Number(process.env.DELAY_S);
    if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
    const id = prompt.split(' ').pop();
    return { output: JSON.stringify({ name: 'refund', arguments: { id, amount: 10 } }) };
  }
};
